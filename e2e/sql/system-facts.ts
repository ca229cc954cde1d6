/**
 * `request`: server spans. `reading`: resource usage of processes and hosts, `n` observations of `millionths` each: a
 * value is one, and a histogram counts as that many times its mean. Memory is counted in MiB.
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
        if(value is not null, 1, n) as n,
        coalesce(value, if(n > 0, total / n, null)) / if(metric = 'process.memory.usage', 1048576, 1) as value
      from told where eventType = 'metric_point'
    )
    select atMs, service, resource, n, round(value * 1e6)::hugeint as millionths
    from measured where resource is not null and n > 0 and value >= 0
      and n <= 1e13 and n * round(value * 1e6) <= 1e13;
`;
