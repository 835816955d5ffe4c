/* Entry of a 64-bit PV guest: ELF notes, stack, hypercalls, exceptions. */
        .macro xennote type, kind:vararg
        .pushsection .note.Xen, "a", @note
        .p2align 2
        .long   4, 2f - 1f, \type
        .asciz  "Xen"
1:      \kind
2:      .p2align 2
        .popsection
        .endm

        xennote 6,  .asciz "grantlab-recorder"        /* GUEST_OS */
        xennote 7,  .asciz "1"                        /* GUEST_VERSION */
        xennote 5,  .asciz "xen-3.0"                  /* XEN_VERSION */
        xennote 8,  .asciz "generic"                  /* LOADER */
        xennote 9,  .asciz "yes"                      /* PAE_MODE */
        xennote 10, .asciz "!writable_page_tables|pae_pgdir_above_4gb"
        xennote 3,  .quad 0                           /* VIRT_BASE: an address is pfn << 12 */
        xennote 1,  .quad _entry                      /* ENTRY */
        xennote 2,  .quad hypercall_page              /* HYPERCALL_PAGE */

        .section .text.first, "ax", @progbits
        .globl  _entry
_entry:
        cld
        mov     %rsi, %rdi                      /* start_info */
        lea     stack_top(%rip), %rsp
        xor     %ebp, %ebp
        call    guest_main
1:      jmp     1b

/* Exceptions of a memory command go to the agent. Xen's frame: rcx, r11, error code, rip. */
        .globl  d0_page_fault, d0_general_protection, d0_other_exception
d0_page_fault:
        cmpq    $0, probing(%rip)
        jne     agent_page_fault_pv
        mov     $14, %edx
        jmp     fatal
d0_general_protection:
        cmpq    $0, probing(%rip)
        jne     agent_general_protection_pv
        mov     $13, %edx
        jmp     fatal
d0_other_exception:
        mov     $99, %edx
fatal:
        mov     16(%rsp), %rdi
        mov     24(%rsp), %rsi
        call    fatal_exception

        .globl  hypercall
hypercall:                      /* (number, a, b, c, d, e) */
        mov     %rdi, %rax
        shl     $5, %rax
        lea     hypercall_page(%rip), %r11
        add     %r11, %rax
        mov     %rsi, %rdi
        mov     %rdx, %rsi
        mov     %rcx, %rdx
        mov     %r8, %r10
        mov     %r9, %r8
        jmp     *%rax

        .section .hypercall, "ax", @progbits
        .p2align 12
        .globl  hypercall_page
hypercall_page:                 /* Xen fills it */
        .fill   4096, 1, 0xcc

        .bss
        .p2align 12
        .skip   32768
stack_top:
        .section .note.GNU-stack, "", @progbits
