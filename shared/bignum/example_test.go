package bignum_test

import (
	"context"
	"fmt"
	"os"

	"numbermill/shared/bignum"
)

func ExampleFromUint64() {
	digits, err := bignum.FromUint64(1_000_000).WriteText(context.Background(), os.Stdout, nil)
	fmt.Println("", digits, err)
	// Output: 1000000 7 <nil>
}

func ExampleResidue() {
	residue := bignum.NewResidue(1000)
	fmt.Fprint(residue, "123456")
	fmt.Fprint(residue, "789")
	fmt.Println(residue.Value())
	// Output: 789
}
