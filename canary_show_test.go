//go:build !race

package main

// mayShow is all that may hold a plain personal value: the answers of these routes, in these fields, when they succeed.
// Whoever adds to it says why. What a petitioner writes into his appeal is his own telling, and its readers must read it.
var mayShow = map[string]struct {
	fields []string
	why    string
}{
	"showHome":           {[]string{searchBox}, "a page's search box keeps what one has typed"},
	"registerResident":   {[]string{"name"}, "the clerk sees whom he registered"},
	"listResidents":      {[]string{"name"}, "the clerk's own residents"},
	"findResidents":      {[]string{"name"}, "the clerk's own residents"},
	"readResident":       {[]string{"name"}, "the clerk's own resident"},
	"makeHousehold":      {[]string{"name", "head_name"}, "the clerk's own residents"},
	"addMember":          {[]string{"name", "head_name"}, "the clerk's own residents"},
	"listHouseholds":     {[]string{"head_name"}, "the clerk's own residents"},
	"readHousehold":      {[]string{"name", "head_name"}, "the clerk's own residents"},
	"loginWeChat":        {[]string{"name"}, "one is greeted by one's own name"},
	"refreshTokens":      {[]string{"name"}, "one is greeted by one's own name"},
	"tellMe":             {[]string{"name"}, "one's own name"},
	"readMe":             {[]string{"name"}, "one's own name"},
	"readAppeal":         {[]string{"text", "place", "words"}, "the petitioner's words, for who handles them"},
	"listAppeals":        {[]string{"text", "place", "words"}, "the petitioner's words, for who handles them"},
	"noteAppeal":         {[]string{"text", "place", "words"}, "the petitioner's words, for who handles them"},
	"acceptAppeal":       {[]string{"text", "place", "words"}, "the petitioner's words, for who handles them"},
	"dispatchAppeal":     {[]string{"text", "place", "words"}, "the petitioner's words, for who handles them"},
	"acknowledgeAppeal":  {[]string{"text", "place", "words"}, "the petitioner's words, for who handles them"},
	"contactAppeal":      {[]string{"text", "place", "words"}, "the petitioner's words, for who handles them"},
	"replyAppeal":        {[]string{"text", "place", "words"}, "the petitioner's words, for who handles them"},
	"rateAppeal":         {[]string{"text"}, "one's own words"},
	"rateCase":           {[]string{"text"}, "one's own words"},
	"copyMine":           {[]string{"name", "phone", "id_number", "text", "place", "words", "answer", "remedies", "receiver", "proof", "approver"}, "the copy of all one's own data, for oneself"},
	"copyMinePage":       {[]string{ownValues}, "the same as a page"},
	"printCaseDocuments": {[]string{ownValues}, "the papers of a case say what was decided and why, for who sees the case"},
	"printCopy":          {[]string{ownValues}, "the page that the clerk prints for one of his residents, of one look and with a trail"},
	"exportErrands":      {[]string{ownValues}, "the ledger with names in full, which only the village's clerk takes, with a reason and a trail"},
	"revealContact":      {[]string{"name", "phone"}, "the one act that reveals, with a reason and a trail"},
	"readCase":           {toldOfCase, whyOfCase},
	"listCaseDocuments":  {toldOfCase, whyOfCase},
	"askCorrectionCase":  {toldOfCase, whyOfCase},
	"correctCase":        {toldOfCase, whyOfCase},
	"acceptCase":         {toldOfCase, whyOfCase},
	"claimCase":          {toldOfCase, whyOfCase},
	"grantCase":          {toldOfCase, whyOfCase},
	"releaseCase":        {toldOfCase, whyOfCase},
	"reviewCase":         {toldOfCase, whyOfCase},
	"suspendCase":        {toldOfCase, whyOfCase},
	"resumeCase":         {toldOfCase, whyOfCase},
	"extendCase":         {toldOfCase, whyOfCase},
	"denyCase":           {toldOfCase, whyOfCase},
	"deliverCase":        {toldOfCase, whyOfCase},
	"readRedress":        {[]string{"text", "words"}, whyOfRedress},
	"confirmRedress":     {[]string{"text", "words"}, whyOfRedress},
	"correctRedress":     {[]string{"text", "words"}, whyOfRedress},
	"answerRedress":      {[]string{"text", "words"}, whyOfRedress},
	"readErrand":         {toldOfErrand, whyOfErrand},
	"entrustErrand":      {toldOfErrand, whyOfErrand},
	"identifyErrand":     {toldOfErrand, whyOfErrand},
	"takeErrandPapers":   {toldOfErrand, whyOfErrand},
	"returnErrandPapers": {toldOfErrand, whyOfErrand},
	"visitErrand":        {toldOfErrand, whyOfErrand},
	"checkErrand":        {toldOfErrand, whyOfErrand},
	"terminateErrand":    {toldOfErrand, whyOfErrand},
	"fileErrand":         {toldOfErrand, whyOfErrand},
	"handOverErrand":     {toldOfErrand, whyOfErrand},
	"followUpErrand":     {toldOfErrand, whyOfErrand},
}

// searchBox stands for the word that was asked for, in a page.
const searchBox = "q"

// toldOfCase is what people write on a case, for those who see it.
var toldOfCase = []string{"text", "words", "answer", "remedies", "receiver", "proof", "approver"}

// toldOfErrand is what stands on the entrustment, and who signed for what.
var toldOfErrand = []string{"scope", "entruster", "witnesses", "name", "signer", "words", "receiver", "receipt", "refusal", "refusal_witnesses"}

const whyOfErrand = "what was entrusted and signed for, for its parties and the village"

const whyOfRedress = "what the rater said and was told, for who works on it"

const whyOfCase = "what was written on the case, for whom it is"
