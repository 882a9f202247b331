module numbermill/cli

go 1.26

require (
	numbermill/api v0.0.0
	numbermill/frontend v0.0.0
	numbermill/shared v0.0.0
	numbermill/worker v0.0.0
)

replace (
	numbermill/api => ../api
	numbermill/frontend => ../frontend
	numbermill/shared => ../shared
	numbermill/worker => ../worker
)
