package page

import (
	"strings"
	"testing"
)

func TestPrivacyNoticeIsAPage(t *testing.T) {
	h := open(t)
	text := h.get("/privacy")
	for _, want := range []string{"<h1>个人信息告知书（演示县）</h1>", "版本 2026-11", "<h2>您有哪些权利</h2>", "<p>村便民服务站，或打 12345。</p>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(text, "## ") || !strings.Contains(h.get("/"), `href="/privacy"`) {
		t.Error("headings are not made, or nothing leads to the page")
	}
}
