package retention

// Stays are the tables of which no class gives up whole rows, and why: nothing personal, proof, or swept by a round of its own. A new
// table stands here or in a class; a test asks.
var Stays = map[string]string{
	// proof, and what proof rests on
	"trail":                "留痕只增不删：网络安全法（日志不少于六个月），事后能查证",
	"trail_heads":          "留痕链的末端",
	"trail_areas":          "留痕链的末端",
	"trail_roll":           "留痕链的末端",
	"appeal_events":        "诉求的办理历史，原文加密",
	"appeal_offices":       "诉求由哪些单位办理",
	"appeal_about":         "诉求反映的是谁，回避用",
	"case_events":          "办件的办理历史，原文加密",
	"case_corrections":     "办件的补正告知书，只有编号和时间",
	"case_defects":         "补正告知书逐项的内容和答复，加密",
	"case_periods":         "办件的特别程序和延期，批准人加密",
	"case_handovers":       "办件向县级平台报送了什么、什么时候送到；内容加密，送到后即清空",
	"case_differences":     "对账时两边的编号和状态，没有个人信息",
	"case_reconciliations": "每晚对账的时间和件数",
	"case_decisions":       "办件的决定书，加密；行政决定要查得到",
	"errand_events":        "代办的办理历史，原文加密",
	"rating_additions":     "追评，内容加密；不写是谁，评价人随第一次评价清除",
	"redresses":            "差评整改办到哪一步，没有个人信息",
	"redress_events":       "差评整改的办理历史，原文加密",
	"consents":             "同意的证明（个人信息保护法第十四条、第六十九条）",
	"privacy_texts":        "同意时看到的文本",
	"posts":                "谁在什么时候有什么职权",
	"deputies":             "谁在什么时候替谁的班，只有工作人员的编号",
	"called_posts":         "由接口任免的岗位",

	// given up together with what it belongs to
	"phone_proofs":   "随本人的登记",
	"totp":           "随工作人员账号；解除时删除",
	"recovery_codes": "随工作人员账号；只有校验值",
	"deliveries":     "随投递的信件",
	"troubles":       "随投递的信件",
	"appeal_helpers": "随诉求的提交人",
	"locker_pages":   "随材料复用库里的材料",
	"locker_uses":    "随材料复用库里的材料",
	"case_materials": "随办件；只有交了、查了哪些材料，草稿的随草稿删除",

	// swept by rounds of their own
	"idempotency": "另有清理：到期（24 小时或 7 天）后一小时内删除",
	"tries":       "另有清理：7 天（查询过的地址 180 天）后删除",
	"sms_codes":   "另有清理：过期一天后删除",

	"uploads":       "另有清理：一天后删除，传完没传完都一样",
	"upload_pieces": "随没有传完的文件",

	"county_nonces": "另有清理：十分钟后删除",

	// nothing personal
	"case_waits":   "每个事项最近等了几天，只有件数和天数",
	"county_heads": "每件办件处理到第几条消息",
	"duties":       "公开的职责清单", "post_duties": "公开的职责清单",
	"areas": "公开的区划", "area_changes": "公开的区划沿革", "offices": "公开的机构", "office_changes": "公开的机构沿革",
	"paper_kinds": "公开的材料种类", "items": "公开的事项", "item_versions": "公开的事项", "codes": "墙上的码", "places": "公开的办事地点",
	"catalog_state": "程序自己的状态", "scans": "只有次数", "counters": "编号不重复", "document_series": "文号连续", "rounds": "程序自己的状态", "leases": "程序自己的状态",
	"goose_db_version": "程序自己的状态",
}
