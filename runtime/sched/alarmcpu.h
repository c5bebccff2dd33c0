/* SPDX-License-Identifier: MIT */
/*
 * Alarms on processor time, for sched/alarm.c: they are looked at when they may be due at
 * the earliest, and not at all while nothing runs. Everything here is under its lock.
 */
#ifndef ATMAN_SCHED_ALARMCPU_H
#define ATMAN_SCHED_ALARMCPU_H

#include "sched/alarm.h"

/* One more that is set. It is taken out of the list by its node. */
void alarmcpu_add(struct alarm *alarm);

/* Lets those ring that are due. */
void alarmcpu_check(void);

/* For alarmcpu.c: lets an alarm that is set ring if it is due; what is left until the next
 * time, 0 if there is none. */
uint64_t alarm_look(struct alarm *alarm);

/* Takes the lock and calls alarmcpu_check. */
void alarm_look_all(struct timer *timer);

#endif
