package command

import "net/http"

func webApp() (http.Handler, error) { return nil, nil }
