/**
 * The vocabulary that all rooms share: statuses, capabilities, the ground on which implementations stand.
 *
 * <p>Nothing here behaves. An implementation sees these packages and nothing else of Grantlab.
 */
@NullMarked
package grantlab.api;

import org.jspecify.annotations.NullMarked;
