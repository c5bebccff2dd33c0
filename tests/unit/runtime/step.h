/* SPDX-License-Identifier: MIT */
/*
 * Something that happens between two instructions of what is tested, as another processor
 * would make it happen, but at the same place in every run: the processor's single-step
 * trap calls a function after each instruction.
 */
#ifndef ATMAN_TEST_STEP_H
#define ATMAN_TEST_STEP_H

/*
 * From here to step_stop, between is called after every instruction, and sees and changes
 * memory as it then is. It must not rely on what is between two instructions of the C
 * library. About ten microseconds an instruction.
 */
void step_start(void (*between)(void));

/* Also if it was not started. */
void step_stop(void);

/* For fakes that are called on the way: what they do is not stepped through. */
void step_pause(void);
void step_resume(void);

#endif
