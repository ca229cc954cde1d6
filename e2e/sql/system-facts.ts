/**
 * `request`: server spans. `reading`: what processes and hosts say of their resources, `n` observations of `millionths` each; a
 * histogram is taken as so many times its mean.
 */
export const systemTables = `
  create view request as
    select atMs, service, coalesce(route, 'unknown') as route, coalesce(statusClass, 'unknown') as statusClass, failed, durationUs
    from told where eventType = 'span' and kind = 'server';
  create view reading as
    with measured as (
      select atMs, coalesce(service, 'unknown') as service,
        case metric
          when 'process.cpu.utilization' then 'cpu'
          when 'system.cpu.utilization' then 'host_cpu'
          when 'process.memory.usage' then 'memory'
          when 'system.memory.utilization' then 'host_memory'
          when 'nodejs.eventloop.delay.mean' then 'event_loop_delay'
          when 'nodejs.eventloop.delay.p99' then 'event_loop_delay'
          when 'v8js.gc.duration' then 'gc'
          when 'db.client.operation.duration' then 'store_latency'
        end as resource,
        case when kind in ('gauge', 'sum') then 1 when kind = 'histogram' then n end as n,
        case when kind in ('gauge', 'sum') then value when kind = 'histogram' and n > 0 then total / n end as value
      from told where eventType = 'metric_point'
    )
    select atMs, service, resource, n, round(value * 1e6)::bigint as millionths
    from measured where resource is not null and value >= 0 and n > 0;
`;
