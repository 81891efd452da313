package provider

import (
	"fmt"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// SpeedVariable names the environment variable that lets the stand-in's clock run so many times as fast. The real
// provider has none. The waits keep their order and their limit; they only take a fraction of the time.
const SpeedVariable = "COGNI_STAND_IN_CLOCK_SPEED"

// PaceOf gives the pace for a value of SpeedVariable; the real clock for an empty one.
func PaceOf(speed string) (Pace, error) {
	if speed == "" {
		return Pace{}, nil
	}
	factor, err := strconv.Atoi(speed)
	if err != nil || factor < 1 {
		return Pace{}, fmt.Errorf("%s is %q; it has to be a whole number from 1 on", SpeedVariable, speed)
	}
	times := time.Duration(factor)
	return Pace{
		NewTimer: func() backoff.Timer { return &quickTimer{factor: times} },
		Clock:    quickClock{factor: times, began: time.Now()},
	}, nil
}

// quickClock tells a time that passes factor times as fast.
type quickClock struct {
	factor time.Duration
	began  time.Time
}

func (clock quickClock) Now() time.Time {
	return clock.began.Add(time.Since(clock.began) * clock.factor)
}

// quickTimer waits the factor's part of what it is asked to wait.
type quickTimer struct {
	factor time.Duration
	timer  *time.Timer
}

func (quick *quickTimer) Start(wait time.Duration) {
	if quick.timer == nil {
		quick.timer = time.NewTimer(wait / quick.factor)
	} else {
		quick.timer.Reset(wait / quick.factor)
	}
}

func (quick *quickTimer) Stop() {
	if quick.timer != nil {
		quick.timer.Stop()
	}
}

func (quick *quickTimer) C() <-chan time.Time { return quick.timer.C }
