//go:build tools

// Package host pins Pulumi's Python language host, so that `go mod tidy` keeps its requirements.
package host

import _ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
