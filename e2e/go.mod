module numbermill/e2e

go 1.26.0

require (
	numbermill/api v0.0.0
	numbermill/shared v0.0.0
)

require (
	github.com/google/go-cmp v0.7.0
	github.com/redis/go-redis/v9 v9.23.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
)

replace (
	numbermill/api => ../api
	numbermill/shared => ../shared
)
