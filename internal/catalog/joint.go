package catalog

import "tongban/internal/workday"

// JointExtension is by how much the limits of a joint item may be extended where it says nothing else, and the most (行政许可法 42).
var JointExtension = workday.Limit{Value: 15, Unit: workday.Workdays}

// jointLimit is the most that the law gives for a joint item, in working days (行政许可法 42, 82).
const jointLimit = 45

// joint: an item that is handled jointly says within what the law gives.
func (l *lint) joint(it *Item) {
	if !it.Joint {
		return
	}
	if legal := it.LegalLimit; legal == nil || legal.Unit != workday.Workdays || legal.Value > jointLimit {
		l.refuse(at{"joint"}, "联合办理的事项要写法定时限，最多四十五个工作日")
	}
	if more := it.Extension; more != nil && (more.Unit != workday.Workdays || more.Value > JointExtension.Value) {
		l.refuse(at{"extension"}, "联合办理的事项最多延长十五个工作日")
	}
}
