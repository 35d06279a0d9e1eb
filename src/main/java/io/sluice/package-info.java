/**
 * Sluice: shares the rate limits of SaaS APIs between the teams of a company, and makes their calls without a 429.
 *
 * <p>The packages, and the direction of their dependencies:
 * <pre>
 * budget                  limits, permits and fair queues of accounts; plain Java         uses nothing
 * call                    calls, their operations and attempts                            uses budget
 * vendor                  the model of a vendor: surfaces, routes, limits, dialects       uses export, delivery,
 *                                                                                          cache, call, budget
 * vendor.clari, .clerk,   one vendor each: its REST interface, operations, limits; they   use vendor, webhook, call, budget
 *   .customerio, .fathom  never use each other, and nothing uses them by name
 * startup                 the main method, configuration files and variables, mistakes    uses nothing
 * store                   the database of durable work                                    uses nothing
 * webhook                 webhooks of vendors: signatures, replay guard, stored events    uses store
 * cache                   cached responses, invalidation, reads that share one flight     uses call
 * export                  jobs at vendors that outlive requests and processes             uses store, call, budget
 * delivery                work accepted now and delivered later, in order                 uses store, call, budget
 * team                    callers: authentication and permissions                         uses nothing
 * gateway                 HTTP in, the chain, HTTP out                                    uses the above but vendor.*
 * web                     Sluice's own API, problems, start-up checks                     uses the above but vendor.*
 * sandbox                 stand-in vendors to develop and test against                    uses nothing, unused
 * </pre>
 * This package itself holds what all may use: {@link io.sluice.Clocks}, the one place that reads the real time,
 * {@link io.sluice.ProcessConfig}, {@link io.sluice.InvalidConfigException}, {@link io.sluice.DerivedConfig}, the one
 * way to derive configuration from configuration, and small things that the JDK lacks. ArchitectureTest checks the
 * directions.
 */
@NullMarked
package io.sluice;

import org.jspecify.annotations.NullMarked;
