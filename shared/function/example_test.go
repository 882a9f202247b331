package function_test

import (
	"context"
	"fmt"
	"os"

	"numbermill/shared/function"
)

func Example() {
	f, ok := function.Lookup("fibonacci")
	if !ok {
		return
	}
	args, err := f.ParseText(map[string]string{"n": "1e2"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Label(args), "has", f.Estimate(args, function.DefaultMethod).Digits, "digits")
	n, err := f.Compute(context.Background(), args, function.DefaultMethod, function.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = n.WriteText(context.Background(), os.Stdout, nil)
	fmt.Println("", err)
	// Output:
	// F(100) has 21 digits
	// 354224848179261915075 <nil>
}

func ExampleFunction_LargestAdmissible() {
	f, _ := function.Lookup("factorial")
	args, _ := f.ParseText(map[string]string{"n": "1e9"})
	largest, ok := f.LargestAdmissible(args, function.DefaultMethod, function.Limits{Digits: 1_000_000})
	fmt.Println(largest, ok)
	// Output: n=205022 true
}

func ExampleArgumentError() {
	f, _ := function.Lookup("ackermann")
	_, err := f.ParseText(map[string]string{"m": "3", "n": "1e6.5"})
	fmt.Println(err)
	// Output: n: "1e6.5" is not a whole number. Write 1000000, 1 000 000, 1e6 or 10^6.
}
