module numbermill/e2e

go 1.26.0

require (
	numbermill/api v0.0.0
	numbermill/shared v0.0.0
)

require github.com/google/go-cmp v0.7.0

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/redis/go-redis/v9 v9.23.0 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace (
	numbermill/api => ../api
	numbermill/shared => ../shared
)
