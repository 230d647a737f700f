package page

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
)

// proofs are the files by which WeChat makes sure that an address is ours (扫普通链接二维码打开小程序、业务域名): a name and a text of its own, below
// /q/ for the rule of the printed codes, else at the root. They come before codes of that name.
func (p *Pages) proofs() (list []Route) {
	for i, path := range slices.Sorted(maps.Keys(p.Proofs)) {
		list = append(list, Route{"GET", path, fmt.Sprintf("showProof%d", i+1), "微信校验文件", http.StatusOK, false, false, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, p.Proofs[path])
		}})
	}
	return list
}
