package provider

import (
	"errors"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// firstWait is the nominal wait after the first poll. Each further one is 1.5 times as long, up to 60 s, and each is
// randomised by half of it; there is no setting for any of this (reference/cherry-api.md, section 1.5).
const firstWait = 10 * time.Second

// defaultTimeout limits the polling where the resource's timeouts say nothing.
const defaultTimeout = 60 * time.Minute

// Pace is how polling waits. Its zero value is the real clock.
type Pace struct {
	// NewTimer gives a timer for one poll: several go on at a time.
	NewTimer func() backoff.Timer
	Clock    backoff.Clock
}

// progress says which answers of a poll mean what.
type progress struct {
	waiting []string
	done    string
	// failure is the error for every other answer.
	failure string
}

var (
	deployment     = progress{waiting: []string{"pending", "provisioning"}, done: "active", failure: "failed to deploy server"}
	reinstallation = progress{waiting: []string{"deploying"}, done: "deployed", failure: "server is in unknown status"}
)

// poll asks at once and then again and again until the answer says done. Any error of the question and any answer that
// is neither done nor waiting ends it for good: one 502 in an hour is enough. It also gives up as soon as the next wait
// would pass the limit.
func (pace Pace) poll(limit time.Duration, expected progress, ask func() (string, error)) error {
	options := []backoff.ExponentialBackOffOpts{
		backoff.WithInitialInterval(firstWait),
		backoff.WithMaxElapsedTime(limit),
	}
	if pace.Clock != nil {
		options = append(options, backoff.WithClockProvider(pace.Clock))
	}
	attempt := func() error {
		answer, err := ask()
		switch {
		case err != nil:
			return backoff.Permanent(err)
		case answer == expected.done:
			return nil
		case slices.Contains(expected.waiting, answer):
			return errors.New("server is in inactive state")
		default:
			return backoff.Permanent(errors.New(expected.failure))
		}
	}
	var timer backoff.Timer
	if pace.NewTimer != nil {
		timer = pace.NewTimer()
	}
	return backoff.RetryNotifyWithTimer(attempt, backoff.NewExponentialBackOff(options...), nil, timer)
}
