module numbermill/shared

go 1.26
