module numbermill/e2e

go 1.26

require (
	numbermill/api v0.0.0
	numbermill/shared v0.0.0
)

replace (
	numbermill/api => ../api
	numbermill/shared => ../shared
)
