module numbermill/worker

go 1.26

require (
	numbermill/shared v0.0.0
)

replace (
	numbermill/shared => ../shared
)
