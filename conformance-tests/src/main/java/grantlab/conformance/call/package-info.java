/**
 * Hypercalls as clauses make them: each call is a record that writes Xen's struct byte by byte into guest memory, and
 * its answer is a record of what the guest reads back. Nothing is checked on this side: clauses make wrong calls on
 * purpose.
 *
 * <pre>
 *   Mapped mapped = grantee.call(MapCall.of(granter.domid(), ref).at(grantee.slot(0)).flags(Gntmap.HOST_MAP));
 *   List&lt;Answer&gt; answers = grantee.batch(List.of(UnmapCall.of(mapped.handle()).at(grantee.slot(0)), ...));
 * </pre>
 */
@NullMarked
package grantlab.conformance.call;

import org.jspecify.annotations.NullMarked;
