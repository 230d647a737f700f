package retention

// floor is the least time that something is kept, whatever a county's file says.
type floor struct{ keep, source string }

// floors are by law, or because something else of the program still asks for the row. A class that is not here has none but a day.
var floors = map[string]floor{
	"session.over": {"6m", "网络安全法：网络日志留存不少于六个月（2016年文本第二十一条第三项）"},
	// 行政诉讼法 46: whoever was not told of his right to sue may do so for five years after the act; whose appeal it was must be known as long.
	"appeal.over":        {"5y", "行政诉讼法第四十六条第二款：自行政行为作出之日起五年内可以起诉，要查得到当事人"},
	"photo.over":         {"5y", "行政诉讼法第四十六条第二款：证据与诉求一起留存"},
	"case.over":          {"5y", "行政诉讼法第四十六条第二款：自行政行为作出之日起五年内可以起诉，要查得到当事人"},
	"case_document.over": {"5y", "行政诉讼法第四十六条第二款：文书与办件一起留存"},
	"case_opinion.over":  {"5y", "行政诉讼法第四十六条第二款：决定所依据的意见与办件一起留存"},
	"case_receiver.over": {"5y", "行政诉讼法第四十六条第二款：送达回证与办件一起留存"},
	"case_photo.over":    {"5y", "行政诉讼法第四十六条第二款：申请材料与办件一起留存"},
	"case.draft":         {"30d", "本系统：备齐材料需要时间，草稿不能说没就没"},
	"errand.over":        {"5y", "行政诉讼法第四十六条第二款：委托与办件一起留存"},
	"errand_paper.over":  {"5y", "行政诉讼法第四十六条第二款：收退材料的签收与办件一起留存"},
	"errand_photo.over":  {"5y", "行政诉讼法第四十六条第二款：委托书与办件一起留存"},
	"rating.given":       {"1y", "国办发〔2019〕51号：差评要回访核实整改，要联系得上评价人"},
	"device.unused":      {"180d", "本系统：半年内登录过的设备不因别人猜密码而被锁"},
	"letter.delivered":   {"30d", "本系统：投递失败可能要人工核对"},
	"notice.made":        {"30d", "本系统：群众备齐材料前要查得到告知单"},
}

const shortest = "1d"

// Least is how long a class is kept at least, and why.
func Least(code string) (Keep, string) {
	f, ok := floors[code]
	if !ok {
		f = floor{shortest, "本系统：至少一天"}
	}
	k, _ := ParseKeep(f.keep)
	return k, f.source
}
