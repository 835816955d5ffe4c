/**
 * The HVM and PVH way (xen-semantics 6; xen/arch/x86/hvm/grant_table.c, p2m_add_page in xen/arch/x86/mm/p2m.c): the
 * hypervisor owns the map from guest frames to machine frames, and a grant mapping is an entry of it.
 *
 * <p>Guests run with guest virtual = guest physical. What their own page tables cover, which decides between a page
 * fault inside the guest and a look at the map, is given as ranges ({@link grantlab.paging.hvm.Coverage}).
 *
 * <p>Reading order: {@link grantlab.paging.hvm.HvmAddressSpace} has a method for each promise of the contract;
 * {@link grantlab.paging.hvm.GrantPlacement} and {@link grantlab.paging.hvm.TablePlacement} have the rules for what may
 * stand at a guest frame and what becomes of what stood there.
 */
@NullMarked
package grantlab.paging.hvm;

import org.jspecify.annotations.NullMarked;
