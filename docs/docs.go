// Package docs is the documentation that the program carries with it: the same files that stand in this folder.
package docs

import "embed"

// Files are the documents. openapi.yaml, states.md and errors.md are generated from the code (`make docs`).
//
//go:embed *.md openapi.yaml decisions/*.md
var Files embed.FS
