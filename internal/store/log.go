package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"tongban/internal/clock"
)

// sqlLog writes slow and failed statements with their placeholders, never with values: those may be ID numbers.
type sqlLog struct{ log *slog.Logger }

const slow = 500 * time.Millisecond

func (l sqlLog) LogMode(logger.LogLevel) logger.Interface { return l }
func (l sqlLog) Info(context.Context, string, ...any)     {}
func (l sqlLog) Warn(context.Context, string, ...any)     {}
func (l sqlLog) Error(context.Context, string, ...any)    {}

// ParamsFilter keeps values out of the statement's text.
func (l sqlLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

func (l sqlLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	took := clock.Took(begin)
	switch {
	case err != nil && !errors.Is(err, gorm.ErrRecordNotFound) && !errors.Is(err, gorm.ErrDuplicatedKey) && !errors.Is(err, context.Canceled):
		sql, _ := statement()
		l.log.DebugContext(ctx, "statement failed", "sql", sql, "took", took)
	case took > slow:
		sql, rows := statement()
		l.log.WarnContext(ctx, "slow statement", "sql", sql, "rows", rows, "took", took)
	}
}
