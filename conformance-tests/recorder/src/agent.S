/*
 * The agent: position independent code that executes one command of a command
 * page. d0 calls it; every other domain gets a copy of this section and stays in
 * agent_main. Everywhere: %rbx is the address of the command page.
 */
#include "command.h"
        .section .agent, "ax", @progbits
        .p2align 12
        .globl  agent_begin, agent_end, agent_main
        .globl  agent_page_fault_pv, agent_general_protection_pv
        .globl  agent_page_fault_hvm, agent_general_protection_hvm
        .code64
agent_begin:
agent_main:
        cmpq    $0, C_BELL(%rbx)
        jne     2f
        mov     $29, %eax               /* sched_op(SCHEDOP_yield, 0) */
        xor     %edi, %edi
        xor     %esi, %esi
        call    raw_hypercall
        jmp     agent_main
2:      call    agent_do
        mfence
        movq    $0, C_BELL(%rbx)
        jmp     agent_main

raw_hypercall:
        cmpq    $0, C_CALL(%rbx)
        jne     3f
        syscall
        ret
3:      vmmcall
        ret

agent_do:
        movq    $0, C_FAULT(%rbx)
        movq    $0, C_ERROR(%rbx)
        mov     %rsp, C_SP(%rbx)
        lea     agent_faulted(%rip), %rax
        mov     %rax, C_RESUME(%rbx)
        mov     C_KIND(%rbx), %rax
        cmp     $K_HYPERCALL, %rax
        je      do_hypercall
        cmp     $K_READ, %rax
        je      do_read
        cmp     $K_WRITE, %rax
        je      do_write
        cmp     $K_HASH, %rax
        je      do_hash
        cmp     $K_FILL, %rax
        je      do_fill
agent_faulted:
        movq    $0, C_RESUME(%rbx)
        ret

do_hypercall:
        mov     C_A0(%rbx), %rdi
        mov     C_A1(%rbx), %rsi
        mov     C_A2(%rbx), %rdx
        mov     C_A3(%rbx), %r10
        mov     C_A4(%rbx), %r8
        mov     C_NR(%rbx), %rax
        call    raw_hypercall
        jmp     store_result

do_read:
        mov     C_A0(%rbx), %rsi
        mov     (%rsi), %rax
store_result:
        mov     %rax, C_RESULT(%rbx)
        movq    $0, C_RESUME(%rbx)
        ret

do_write:
        mov     C_A0(%rbx), %rsi
        mov     C_A1(%rbx), %rax
        mov     %rax, (%rsi)
        jmp     store_result

do_hash:                                /* h = (h ^ word) * prime */
        mov     C_A0(%rbx), %rsi
        mov     $512, %ecx
        movabs  $0xcbf29ce484222325, %rax
        movabs  $0x100000001b3, %rdx
4:      xor     (%rsi), %rax
        imul    %rdx, %rax
        add     $8, %rsi
        dec     %ecx
        jnz     4b
        jmp     store_result

do_fill:                                /* word[i] = a1 + i */
        mov     C_A0(%rbx), %rsi
        mov     C_A1(%rbx), %rax
        mov     $512, %ecx
5:      mov     %rax, (%rsi)
        inc     %rax
        add     $8, %rsi
        dec     %ecx
        jnz     5b
        jmp     store_result

/* Exceptions. Xen's frame for PV has rcx and r11 below the error code. */
agent_page_fault_pv:
        mov     16(%rsp), %rax
        mov     $15, %ecx
        jmp     unwind
agent_general_protection_pv:
        mov     16(%rsp), %rax
        mov     $14, %ecx
        jmp     unwind
agent_page_fault_hvm:
        mov     (%rsp), %rax
        mov     $15, %ecx
        jmp     unwind
agent_general_protection_hvm:
        mov     (%rsp), %rax
        mov     $14, %ecx
unwind:
        mov     %rax, C_ERROR(%rbx)
        mov     %rcx, C_FAULT(%rbx)
        mov     C_SP(%rbx), %rsp
        jmp     *C_RESUME(%rbx)
        .p2align 4
agent_end:

        .text
        .globl  agent_call              /* void agent_call(void *command) */
agent_call:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     %rdi, %rbx
        call    agent_do
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret
        .section .note.GNU-stack, "", @progbits
