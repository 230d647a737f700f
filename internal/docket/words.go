package docket

import (
	"errors"
	"slices"

	"tongban/internal/fault"
	"tongban/internal/secret"
)

// word is a code that clients choose from, with its Chinese text. Each desk declares its own, so that its lists are plain data.
type word struct{ Code, Text string }

// Known says whether the code is one of the words.
func Known[W ~struct{ Code, Text string }](words []W, code string) bool {
	return slices.ContainsFunc(words, func(w W) bool { return word(w).Code == code })
}

// OneOf is the fault of a field whose code is none of the words.
func OneOf[W ~struct{ Code, Text string }](field, code string, words []W) error {
	if !Known(words, code) {
		return fault.Wrong(field, "请从列出的选项里选一个")
	}
	return nil
}

// TextOf is the Chinese text of a code; empty for one that is none of the words.
func TextOf[W ~struct{ Code, Text string }](words []W, code string) string {
	for _, w := range words {
		if word(w).Code == code {
			return word(w).Text
		}
	}
	return ""
}

// Typed cleans what somebody typed for a field: from least to most characters. An empty one is allowed where least is 0.
func Typed(field, text string, least, most int) (string, error) {
	clean, err := secret.CleanText(text, most)
	if errors.Is(err, secret.ErrTextEmpty) && least == 0 {
		return "", nil
	}
	if err != nil {
		return "", fault.Wrong(field, fault.Of(err).Title)
	}
	if len([]rune(clean)) < least {
		return "", fault.Wrong(field, "写得太短，请再说明白些")
	}
	return clean, nil
}
