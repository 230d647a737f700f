package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// filler is what people say around the thing they mean. Of two that begin alike the longer comes first.
var filler = blanked(
	"怎么办理", "怎么申请", "怎么办", "怎么", "怎样", "咋办", "咋", "如何", "办理", "申请", "去哪里", "去哪儿", "去哪", "到哪里", "到哪儿", "到哪",
	"在哪里", "在哪儿", "在哪", "哪里", "哪儿", "需要", "要带", "什么", "材料", "手续", "流程", "多少钱", "请问", "我想", "我要", "想要", "可以", "能不能",
	"吗", "呢", "啊", "的", "了",
)

func blanked(words ...string) *strings.Replacer {
	var pairs []string
	for _, word := range words {
		pairs = append(pairs, word, " ")
	}
	return strings.NewReplacer(pairs...)
}

// tellingWords is a question without its filler and punctuation: 养老保险怎么办？ asks for 养老保险. Empty when nothing is left.
func tellingWords(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return ' '
	}, norm.NFKC.String(text))
	return strings.Join(strings.Fields(filler.Replace(text)), " ")
}
