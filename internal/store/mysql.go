package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	sqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// openMySQL opens MariaDB, MySQL, TiDB or Galera. What correctness rests on is forced here, whatever the DSN says:
// UTC, rows matched instead of rows changed, time-outs everywhere, strict mode, READ COMMITTED.
func (s *Store) openMySQL(ctx context.Context, dsn string) error {
	c, err := readDSN(dsn)
	if err != nil {
		return err
	}
	c.ParseTime, c.Loc = true, time.UTC
	c.ClientFoundRows = true
	c.InterpolateParams = true // one round trip a statement
	c.MultiStatements = false
	c.RejectReadOnly = true // a former primary is left for the new one
	c.Timeout, c.ReadTimeout, c.WriteTimeout = 5*time.Second, 10*time.Second, 10*time.Second
	c.Logger = &sqldriver.NopLogger{}
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	c.Params["time_zone"] = "'+00:00'"
	c.Params["sql_mode"] = "'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
	c.Params["innodb_lock_wait_timeout"] = "5"
	if err := c.Apply(sqldriver.Charset("utf8mb4", "")); err != nil {
		return err
	}
	s.engine = engine{
		name:     "mysql",
		database: c.DBName,
		now:      "UTC_TIMESTAMP()",
		soon:     "UTC_TIMESTAMP() + INTERVAL ? SECOND",
		retry:    mysqlConflict,
		snapshot: sql.LevelRepeatableRead,
		writers:  16,
		migrator: func() (gorm.Dialector, error) { return dial(unhurried(c)) },
	}
	if err := s.adapt(ctx, c); err != nil {
		return err
	}
	work := c
	if s.patient {
		work = unhurried(c)
	}
	dialector, err := dial(work)
	if err != nil {
		return err
	}
	if s.writer, err = s.gorm(dialector); err != nil {
		return err
	}
	pool, err := s.writer.DB()
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(20)
	pool.SetMaxIdleConns(10)
	pool.SetConnMaxLifetime(5 * time.Minute) // below the server's wait_timeout
	s.reader = s.writer
	return s.checkMySQL(ctx)
}

func readDSN(dsn string) (*sqldriver.Config, error) {
	c, err := sqldriver.ParseDSN(dsn)
	if err != nil || c.DBName == "" {
		return nil, errors.New("the DSN cannot be read") // the driver's error would print the password
	}
	return c, nil
}

// unhurried is the same without the time-outs that a request has.
func unhurried(c *sqldriver.Config) *sqldriver.Config {
	c = c.Clone()
	c.ReadTimeout, c.WriteTimeout = 0, 0
	delete(c.Params, statementSeconds)
	delete(c.Params, statementMillis)
	return c
}

// dial goes by the settings themselves: written out as a DSN they would lose the logger, and the driver's own one prints to standard error.
func dial(c *sqldriver.Config) (gorm.Dialector, error) {
	connector, err := sqldriver.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return mysql.New(mysql.Config{DSNConfig: c, Conn: sql.OpenDB(connector)}), nil
}

// adapt asks the server how it names two settings of a session, and not what it calls itself: names change with releases.
func (s *Store) adapt(ctx context.Context, c *sqldriver.Config) error {
	dialector, err := dial(c)
	if err != nil {
		return err
	}
	db, err := s.gorm(dialector)
	if err != nil {
		return err
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	defer pool.Close()
	var rows []struct {
		Name string `gorm:"column:Variable_name"`
	}
	err = db.WithContext(ctx).Raw("SHOW VARIABLES WHERE Variable_name IN ?", []string{isolation, isolationBefore, statementSeconds, statementMillis}).Scan(&rows).Error
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, r := range rows {
		known[r.Name] = true
	}
	return adapted(c.Params, known)
}

// Settings of a session that servers name differently.
const (
	isolation        = "transaction_isolation" // MySQL since 5.7, MariaDB since 11.1
	isolationBefore  = "tx_isolation"          // MySQL before 8, MariaDB; both know it for a while
	statementSeconds = "max_statement_time"    // MariaDB
	statementMillis  = "max_execution_time"    // MySQL, where it stops nothing but reading
)

// adapted sets what the server knows. Without an isolation that is ours nothing is opened.
func adapted(params map[string]string, known map[string]bool) error {
	switch {
	case known[isolation]:
		params[isolation] = "'READ-COMMITTED'"
	case known[isolationBefore]:
		params[isolationBefore] = "'READ-COMMITTED'"
	default:
		return errors.New("the server tells no isolation of its transactions")
	}
	switch {
	case known[statementSeconds]:
		params[statementSeconds] = fmt.Sprint(int(statementTime.Seconds()))
	case known[statementMillis]:
		params[statementMillis] = fmt.Sprint(statementTime.Milliseconds())
	}
	return nil
}

// checkMySQL reads back the settings that decide whether "stored" means stored.
func (s *Store) checkMySQL(ctx context.Context) error {
	ask := func(name string) string {
		var row struct{ Name, Value string }
		if err := s.writer.WithContext(ctx).Raw("SHOW VARIABLES LIKE ?", name).Row().Scan(&row.Name, &row.Value); err != nil {
			return "" // unknown to this server, as several are to TiDB
		}
		return row.Value
	}
	var weak []string
	for name, want := range map[string]string{"innodb_flush_log_at_trx_commit": "1", "innodb_doublewrite": "ON"} {
		if got := ask(name); got != "" && got != want {
			weak = append(weak, name+"="+got)
		}
	}
	if ask("log_bin") == "ON" && ask("sync_binlog") != "1" {
		weak = append(weak, "sync_binlog is not 1")
	}
	s.durable = "full"
	if len(weak) > 0 {
		s.durable = "weak: " + strings.Join(weak, ", ")
	}
	return nil
}

// Server errors after which another server, or the same one a moment later, may do better: too many connections, shutting down, a
// statement over its time or killed, read-only after a failover, a Galera node apart from its cluster, and TiDB's stores out of reach.
var mysqlElsewhere = map[uint16]bool{
	1040: true, 1047: true, 1053: true, 1205: true, 1290: true, 1317: true, 1792: true, 1836: true, 1969: true, 3024: true,
	9001: true, 9002: true, 9003: true, 9004: true, 9005: true,
}

func mysqlAway(err error) bool {
	if errors.Is(err, sqldriver.ErrInvalidConn) {
		return true
	}
	e, ok := errors.AsType[*sqldriver.MySQLError](err)
	return ok && mysqlElsewhere[e.Number]
}

// Server errors after which the whole transaction may simply be tried again: lock wait, deadlock, snapshot conflict,
// and TiDB's write conflicts. Nothing else is.
var mysqlRetry = map[uint16]bool{1205: true, 1213: true, 1020: true, 8002: true, 8005: true, 8022: true, 9007: true}

func mysqlConflict(err error) bool {
	e, ok := errors.AsType[*sqldriver.MySQLError](err)
	return ok && mysqlRetry[e.Number]
}
