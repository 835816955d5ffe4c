/**
 * The PV way (xen-semantics 7; xen/arch/x86/pv/grant_table.c, xen/arch/x86/mm.c): guests own real four-level page
 * tables in machine memory, which they may read and Xen alone writes, and a grant mapping is an L1 entry of them.
 *
 * <p>Reading order: {@link grantlab.paging.pv.PvAddressSpace} has a method for each promise of the contract; {@link
 * grantlab.paging.pv.PageTableWalk} finds entries, {@link grantlab.paging.pv.GrantEntry} says what a grant's entry
 * looks like, {@link grantlab.paging.pv.PageReferences} what a present entry holds, and {@link
 * grantlab.paging.pv.PageTables} makes frames into tables and back.
 */
@NullMarked
package grantlab.paging.pv;

import org.jspecify.annotations.NullMarked;
