/** How fast: JMH benchmarks of map, unmap, copy and translate beside what the hardware takes for their parts. */
@NullMarked
package grantlab.benchmark;

import org.jspecify.annotations.NullMarked;
