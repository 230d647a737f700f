package api

import (
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/gin-gonic/gin"
)

// gin and huma have switches that belong to the whole process. They are set here, once, before anything runs.
func init() {
	gin.SetMode(gin.ReleaseMode) // no debug prints, no colours
	gin.DisableConsoleColor()

	huma.DefaultArrayNullable = false // a list is [] and never null
	huma.ValidateStrictCasing = true  // "ROLE" is not "role"
	huma.NewErrorWithContext = fromHuma
	huma.NewError = func(int, string, ...error) huma.StatusError { return &problem{} } // tells huma the type, no more
	// Messages without a verb drop their arguments: some of those are errors that quote what was sent.
	huma.ErrorFormatter = func(format string, args ...any) string {
		if !strings.Contains(format, "%") {
			return format
		}
		return fmt.Sprintf(format, args...)
	}
	speakChinese()
}

// below separates a message from the name of the member that it is about, where huma gives only its parent's place.
const below = "\x1f"

// speakChinese replaces huma's messages. None may show what was sent: their arguments come from our own types only.
func speakChinese() {
	const wrong = "格式不正确"
	validation.MsgUnexpectedProperty = "没有这一项，请核对名称（区分大小写）"
	validation.MsgExpectedRequiredProperty = "请填写这一项" + below + "%s"
	validation.MsgExpectedDependentRequiredProperty = "请一并填写这一项" + below + "%[1]s"
	validation.MsgExpectedPropertyNameInObject = "请填写这一项"

	validation.MsgExpectedBoolean = "应为 true 或 false"
	validation.MsgExpectedNumber = "应为数字"
	validation.MsgExpectedInteger = "应为整数"
	validation.MsgExpectedString = "应为文字"
	validation.MsgExpectedArray = "应为列表"
	validation.MsgExpectedObject = "应为对象"
	validation.MsgExpectedOneOf = "请从选项中选择：%s"

	validation.MsgExpectedMinLength = "至少 %d 个字"
	validation.MsgExpectedMaxLength = "太长了，请删减后再试" // the desks' own bounds are closer, and theirs name the number
	validation.MsgExpectedMinItems = "至少 %d 项"
	validation.MsgExpectedMaxItems = "最多 %d 项"
	validation.MsgExpectedMinProperties = "至少 %d 项"
	validation.MsgExpectedMaxProperties = "最多 %d 项"
	validation.MsgExpectedArrayItemsUnique = "有重复的内容"
	validation.MsgExpectedMinimumNumber = "不能小于 %v"
	validation.MsgExpectedExclusiveMinimumNumber = "应大于 %v"
	validation.MsgExpectedMaximumNumber = "不能大于 %v"
	validation.MsgExpectedExclusiveMaximumNumber = "应小于 %v"
	validation.MsgExpectedNumberBeMultipleOf = "应为 %v 的倍数"

	validation.MsgExpectedBePattern = wrong + "，应为%s"
	validation.MsgExpectedMatchPattern = wrong
	validation.MsgExpectedRFC3339Date = "日期不正确，应写成 2026-11-23 这样"
	validation.MsgExpectedRFC3339DateTime = "时间不正确，应写成 2026-11-23T09:00:00+08:00 这样"
	validation.MsgExpectedRFC3339Time = "时间不正确，应写成 09:00:00 这样"
	validation.MsgExpectedRFC1123DateTime = "时间不正确"
	validation.MsgExpectedRFC4122UUID = "编号不正确"
	validation.MsgExpectedRFC5322Email = "电子邮箱不正确"
	validation.MsgExpectedRFC3986URI = "网址不正确"
	for _, message := range []*string{
		&validation.MsgExpectedRFC5890Hostname, &validation.MsgExpectedRFC2673IPv4, &validation.MsgExpectedRFC2373IPv6,
		&validation.MsgExpectedRFCIPAddr, &validation.MsgExpectedRFC6570URITemplate, &validation.MsgExpectedRFC6901JSONPointer,
		&validation.MsgExpectedRFC6901RelativeJSONPointer, &validation.MsgExpectedRegexp, &validation.MsgExpectedDuration,
		&validation.MsgExpectedBase64String, &validation.MsgExpectedMatchAtLeastOneSchema,
		&validation.MsgExpectedMatchExactlyOneSchema, &validation.MsgExpectedNotMatchSchema,
	} {
		*message = wrong
	}
}

// hardCoded are the messages that huma has in its source instead of in a variable.
var hardCoded = map[string]string{
	"required path parameter is missing":   "请填写这一项",
	"required query parameter is missing":  "请填写这一项",
	"required header parameter is missing": "请填写这一项",
	"unknown query parameter":              "没有这个查询条件",
	"invalid integer":                      "应为整数",
	"invalid float":                        "应为数字",
	"invalid floating value":               "应为数字",
	"invalid boolean":                      "应为 true 或 false",
}
