package account

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"tongban/internal/clock"
)

const privacyFolder = "privacy"

// privacyParts are what people must be told (PIPL 17 and 44 to 50), by the headings under which they look for it.
var privacyParts = []string{"谁在收您的信息", "收哪些信息", "用来做什么", "保存多久", "您有哪些权利", "找谁"}

// longestPrivacy keeps the text readable on a phone, and readable aloud, in characters.
const longestPrivacy = 4000

// readPrivacy reads privacy/*.md of a county's folder. The name of a file is the version, its first line the title, and a
// line 施行日期：2026-01-01 says from when it holds. A folder without any is a county that registers nobody.
func readPrivacy(folder fs.FS) (list []PrivacyText, wrong []error) {
	files, err := fs.Glob(folder, privacyFolder+"/*.md")
	if err != nil {
		return nil, []error{err}
	}
	for _, file := range files {
		content, err := fs.ReadFile(folder, file)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		name := strings.TrimPrefix(file, privacyFolder+"/")
		text, faults := parsePrivacy(name, string(content))
		list, wrong = append(list, text), append(wrong, faults...)
	}
	return list, wrong
}

func parsePrivacy(name, content string) (t PrivacyText, wrong []error) {
	fault := func(line int, message string) { wrong = append(wrong, privacyFault(name, line, message)) }
	t.Version = strings.TrimSuffix(name, ".md")
	if !versionShape.MatchString(t.Version) {
		fault(1, "文件名就是版本，只能用字母、数字和 . _ -，如 2026-01.md")
	}
	if !utf8.ValidString(content) {
		fault(1, "不是 UTF-8 编码")
		return t, wrong
	}
	content = strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(content, "\ufeff"), "\r\n", "\n"))
	var body, parts []string
	for i, line := range strings.Split(content, "\n") {
		title, titled := strings.CutPrefix(line, "# ")
		date, dated := strings.CutPrefix(line, "施行日期：")
		part, headed := strings.CutPrefix(line, "## ")
		switch {
		case titled && i == 0:
			t.Title = strings.TrimSpace(title)
		case dated && t.InForce.IsZero():
			var err error
			if t.InForce, err = clock.ParseDate(strings.TrimSpace(date)); err != nil {
				fault(i+1, "日期应写成 2026-01-01")
			}
		default:
			if headed {
				parts = append(parts, strings.TrimSpace(part))
			}
			body = append(body, line)
		}
	}
	t.Text = strings.TrimSpace(strings.Join(body, "\n"))
	if n := utf8.RuneCountInString(t.Title); n == 0 || n > 40 {
		fault(1, "第一行应是标题，如 # 个人信息告知书，最多 40 个字")
	}
	if t.InForce.IsZero() && len(wrong) == 0 {
		fault(1, "缺少一行 施行日期：2026-01-01")
	}
	for _, part := range privacyParts {
		if !slices.Contains(parts, part) {
			fault(1, "缺少一段 ## "+part)
		}
	}
	if utf8.RuneCountInString(t.Text) > longestPrivacy {
		fault(1, fmt.Sprintf("太长了，最多 %d 个字，要能念给人听", longestPrivacy))
	}
	return t, wrong
}

func privacyFault(file string, line int, message string) error {
	return errors.New(privacyFolder + "/" + file + ":" + fmt.Sprint(line) + ": " + message)
}
