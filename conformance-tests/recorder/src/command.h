/*
 * The command page: what the interpreter tells an agent to do, and what came of
 * it. One for each domain. Offsets in bytes; every field has 8.
 */
#ifndef COMMAND_H
#define COMMAND_H

#define C_BELL    0     /* the interpreter writes 1, the agent writes 0 when it has finished */
#define C_KIND    8     /* one of K_... */
#define C_A0     16     /* arguments */
#define C_A1     24
#define C_A2     32
#define C_A3     40
#define C_A4     48
#define C_NR     56     /* number of the hypercall */
#define C_RESULT 64
#define C_FAULT  72     /* vector + 1 of the exception that ended it, or 0 */
#define C_ERROR  80     /* error code of that exception */
#define C_SP     88     /* the agent's own: the stack to unwind to */
#define C_RESUME 96     /* the agent's own: where to go on after an exception */
#define C_CALL  104     /* how hypercalls are made: 0 syscall (PV), 1 vmmcall (HVM on AMD) */

#define K_HYPERCALL 1   /* number, a0..a4 */
#define K_READ      2   /* the word at a0 */
#define K_WRITE     3   /* a1 to the word at a0 */
#define K_HASH      4   /* of the 512 words from a0 on */
#define K_FILL      5   /* a1, a1 + 1, ... to the 512 words from a0 on */

#endif
