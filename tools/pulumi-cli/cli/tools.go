//go:build tools

// Package cli pins the Pulumi CLI, so that `go mod tidy` keeps its requirements.
package cli

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
