module numbermill/frontend

go 1.26
