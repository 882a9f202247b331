module numbermill/infra

go 1.26.0
