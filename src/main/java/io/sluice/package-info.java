/**
 * Sluice: shares the rate limits of SaaS APIs between the teams of a company, and makes their calls without a 429.
 *
 * <p>The rooms, from the bottom to the top, and the directions of their dependencies. A room uses those that are named
 * and no other:
 * <pre>
 * budget.window  the limits of an account, and how each is counted and paced
 *                uses nothing
 * budget.queue   fair queues of requests that wait for permits
 *                uses budget.window
 * budget         permits of accounts: requests, decisions, settlement, checkpoints
 *                uses budget.window, budget.queue
 * root           this package
 *                uses budget
 * startup        the main method, configuration files and variables, mistakes in them
 *                uses root
 * store          the database of durable work
 *                uses root
 * team           callers: authentication and permissions
 *                uses root
 * metrics        the registry of metrics, and readings that gauges share
 *                uses budget
 * idempotency    first responses, replayed when a request is repeated
 *                uses root, store
 * webhook        webhooks of vendors: signatures, replay guard, stored events
 *                uses root, store
 * call.failure   reasons for which an attempt or a call failed
 *                uses nothing
 * operator       settings that operators make at run time: pauses, changed limits, modes of deliveries
 *                uses budget.window, budget, root, store
 * call           calls, their operations and attempts
 *                uses budget, root, metrics, call.failure
 * problem        errors for callers, in any shape
 *                uses budget, root, call
 * http           callers' requests and the responses to them, as HTTP
 *                uses budget, root, team, call.failure, call, problem
 * cache          cached responses, invalidation, reads that share one flight
 *                uses root, call.failure, call
 * reconcile      writes that got no response: which resource they created
 *                uses root, store, call
 * export.job     the model of export jobs, and what vendors implement for them
 *                uses root, reconcile
 * export.files   files that jobs have produced
 *                uses root, store, export.job
 * export.slots   slots that jobs take at a vendor
 *                uses root, store, export.job
 * export         jobs at vendors that outlive requests and processes
 *                uses budget.window, budget.queue, budget, root, store, metrics, idempotency,
 *                     call, reconcile, export.job, export.files, export.slots
 * delivery       work accepted now and delivered later, in order
 *                uses budget.window, budget, root, store, metrics, operator, call.failure, call
 * saas           the model of a vendor: surfaces, routes, limits, dialects
 *                uses budget.window, budget, root, call.failure, call, problem, cache, reconcile,
 *                     export.job
 * saas.*         one vendor each; they never use each other
 *                uses budget.window, budget, root, team, webhook, call.failure, call, problem,
 *                     http, cache, reconcile, export.job, saas
 * saas.customerio.* what Customer.io needs beside surfaces: deliveries, broadcasts
 *                uses budget.window, budget, root, team, call.failure, call, problem, http,
 *                     reconcile, delivery, saas, saas.customerio
 * gateway        HTTP in, the chain, HTTP out
 *                uses budget.window, budget, root, store, team, metrics, idempotency,
 *                     call.failure, call, problem, http, cache, reconcile, delivery, saas
 * web            Sluice's own API, problems, start-up checks
 *                uses budget.window, budget, root, store, team, metrics, idempotency, webhook,
 *                     operator, call.failure, call, problem, http, cache, export.job, export,
 *                     delivery, saas, gateway
 * sandbox.limits how the stand-ins limit calls: windows, buckets, a clock of their own
 *                uses nothing
 * sandbox.http   requests to the stand-ins: credentials, limits, faults, then an operation
 *                uses sandbox.limits
 * sandbox.*      one stand-in each; they never use each other
 *                uses sandbox.limits, sandbox.http
 * sandbox.control the API that sets faults and limits, and reports requests
 *                uses sandbox.limits, sandbox.http
 * sandbox        stand-in vendors to develop and test against, assembled; nothing uses it
 *                uses sandbox.limits, sandbox.http, sandbox.*, sandbox.control
 * </pre>
 * This package itself holds what all may use: {@link io.sluice.AccountId}, the one name of an account above the budget,
 * which knows accounts by texts of any form, {@link io.sluice.Clocks}, the one place that reads the real time,
 * {@link io.sluice.ProcessConfig}, {@link io.sluice.InvalidConfigException}, {@link io.sluice.DerivedConfig}, the one
 * way to derive configuration from configuration, {@link io.sluice.PeriodicTask}, the one loop over a timer,
 * {@link io.sluice.Json}, the mappers of static code, and small things that the JDK lacks. ArchitectureTest holds the
 * directions, that no circle leads from a room back to itself, and that classes which depend on each other in a circle
 * are at most three.
 */
@NullMarked
package io.sluice;

import org.jspecify.annotations.NullMarked;
