package communique

import (
	"math/rand/v2"
	"time"
)

// A delay that a server asks for is not followed further than this.
const maxServerDelay = time.Minute

// Retry says how attempts are spaced: a random time below a bound that grows (full jitter), and on
// top of it what the server's RetryInfo asks for. Zero fields take the defaults.
type Retry struct {
	Disabled       bool
	InitialBackoff time.Duration // 100 ms
	MaxBackoff     time.Duration // 5 s
	Multiplier     float64       // 2
}

func (r Retry) withDefaults() Retry {
	if r.InitialBackoff <= 0 {
		r.InitialBackoff = 100 * time.Millisecond
	}
	if r.MaxBackoff <= 0 {
		r.MaxBackoff = 5 * time.Second
	}
	if r.Multiplier < 1 {
		r.Multiplier = 2
	}
	// Not below a millisecond: no options make a loop that never sleeps.
	r.MaxBackoff = max(r.MaxBackoff, time.Millisecond)
	r.InitialBackoff = min(max(r.InitialBackoff, time.Millisecond), r.MaxBackoff)
	return r
}

// backoff is the waits of one call or watch.
type backoff struct {
	retry Retry // With defaults.
	bound time.Duration
}

func newBackoff(retry Retry) *backoff {
	retry = retry.withDefaults()
	return &backoff{retry: retry, bound: retry.InitialBackoff}
}

func (b *backoff) next(err error) time.Duration {
	delay := time.Duration(rand.Float64() * float64(b.bound))
	b.bound = min(time.Duration(float64(b.bound)*b.retry.Multiplier), b.retry.MaxBackoff)
	return delay + min(max(retryDelayOf(err), 0), maxServerDelay)
}

// reset begins again with the first bound.
func (b *backoff) reset() { b.bound = b.retry.InitialBackoff }
