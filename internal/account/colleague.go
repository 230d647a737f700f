package account

import (
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
)

// HeldPost is the condition that the post in the column is held on a day, by somebody who is not shut out; the day is
// asked for twice.
func HeldPost(column string) string {
	return "EXISTS (SELECT 1 FROM posts held JOIN persons holding ON holding.id = held.person WHERE held.id = " + column +
		" AND holding.disabled_at IS NULL AND held.valid_from <= ? AND (held.valid_until IS NULL OR held.valid_until >= ?))"
}

// Holds is the condition that the person in the column has a post in a role at the office in the other column on a day, and is not shut out; the
// role is asked for, and then the day, twice.
func Holds(person, office string) string {
	return "EXISTS (SELECT 1 FROM posts held JOIN persons holding ON holding.id = held.person WHERE held.office = " + office +
		" AND held.role = ? AND held.person = " + person +
		" AND holding.disabled_at IS NULL AND held.valid_from <= ? AND (held.valid_until IS NULL OR held.valid_until >= ?))"
}

// HeldPosts says which of these posts are held on that day, by somebody who is not shut out.
func HeldPosts(db *gorm.DB, day clock.Date, ids ...string) (map[string]bool, error) {
	var held []string
	err := db.Model(&Post{}).Where("posts.id IN ?", ids).Where(HeldPost("posts.id"), day, day).Pluck("posts.id", &held).Error
	found := make(map[string]bool, len(held))
	for _, id := range held {
		found[id] = true
	}
	return found, err
}

// Colleagues are the posts of a role at an office that are held from the first day to the last, by people who are not shut
// out, the oldest first.
func Colleagues(db *gorm.DB, office string, role access.Role, first, last clock.Date) ([]Post, error) {
	return held(db.Where("office = ? AND role = ?", office, role), first, last)
}

// Clerks are the posts of a village's clerks likewise: one may sit in the village, and another at the town's centre.
func Clerks(db *gorm.DB, village access.Area, first, last clock.Date) ([]Post, error) {
	return held(db.Where("area = ? AND role = ?", village, access.Clerk), first, last)
}

func held(db *gorm.DB, first, last clock.Date) (list []Post, err error) {
	err = db.Where("valid_from <= ? AND (valid_until IS NULL OR valid_until >= ?)", first, last).
		Where("EXISTS (SELECT 1 FROM persons WHERE persons.id = posts.person AND persons.disabled_at IS NULL)").
		Order("valid_from, id").Find(&list).Error
	return list, err
}
