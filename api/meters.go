package api

import (
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
)

// meters count what is asked of the API and how long it takes. Their labels are names of our own list: nothing that anybody
// sends becomes one, so they hold nothing personal and their number is bounded.
type meters struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// nowhereName is the route of what no route answers.
const nowhereName = "nowhere"

func newMeters(into prometheus.Registerer) (*meters, error) {
	m := &meters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tongban_requests_total", Help: "Answered requests, by the name of the route and the status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tongban_request_seconds", Help: "Time from a request's arrival to the end of its answer, by the name of the route.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
		}, []string{"route"}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds} {
		if err := into.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// count is for a server without meters, too.
func (m *meters) count(c *gin.Context, r *Route, took time.Duration) {
	if m == nil {
		return
	}
	name := nowhereName
	if r != nil {
		name = r.Name
	}
	m.requests.WithLabelValues(name, strconv.Itoa(c.Writer.Status())).Inc()
	m.seconds.WithLabelValues(name).Observe(took.Seconds())
}
