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

func ExampleResidues() {
	residues := bignum.NewResidues(1000, 7)
	fmt.Fprint(residues, "123456")
	fmt.Fprint(residues, "789")
	fmt.Println(residues.Values())
	// Output: [789 1]
}
