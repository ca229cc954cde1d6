/**
 * `room`: every room that any event names, with all its counts. Its dimensions are those of the first `room_created`;
 * rooms without that event have none.
 */
export const roomTables = `
  create table member (roomId varchar, userId varchar, joinedMs bigint);
  create table room (
    roomId varchar, createdMs bigint, startMs bigint, endMs bigint, ending varchar, agreedMs bigint,
    roomSize varchar, mediaType varchar, genre varchar[], seats integer,
    members bigint, membersWhoVoted bigint, dropouts bigint, voters bigint, votes bigint, matches bigint,
    titlesVoted bigint, titlesOffered bigint, matchedVotes bigint, matchedLikes bigint
  );
`;

export const fillRooms = `
  delete from member;
  insert into member
  select roomId, userId, max(atMs) from happening
  where eventType in ('room_created', 'join_room') and roomId is not null and userId is not null group by all;

  delete from room;
  insert into room
  with within as (select * from happening where roomId is not null),
  creation as (
    select roomId, seats, coalesce(seats::varchar, 'unknown') as roomSize, mediaType, genre, if(titleCount <= 100000, titleCount, 0) as titleCount
    from within where eventType = 'room_created'
    qualify row_number() over (partition by roomId order by atMs, orderNo, eventId) = 1
  ),
  counted as (
    select roomId,
      min(atMs) filter (eventType = 'room_created') as createdMs,
      coalesce(min(atMs) filter (eventType = 'room_started'), min(atMs) filter (eventType = 'vote_content')) as startMs,
      min(atMs) filter (eventType in ('match_found', 'consensus_achieved')) as consensusMs,
      min(atMs) filter (eventType in ('room_completed', 'no_consensus')) as closedMs,
      max(atMs) as lastMs,
      coalesce(min(atMs) filter (eventType = 'consensus_achieved'), min(atMs) filter (eventType = 'match_found')) as agreedMs,
      count(distinct userId) filter (eventType = 'vote_content') as voters,
      count(*) filter (eventType = 'vote_content') as votes,
      count(*) filter (eventType = 'match_found') as matches,
      count(distinct titleId) filter (eventType = 'vote_content') as titlesVoted,
      count(distinct titleId) filter (eventType in ('vote_content', 'title_shown')) as titlesSeen
    from within group by roomId
  ),
  ended as (
    select roomId,
      case when consensusMs is not null then 'consensus' when closedMs is not null then 'no_consensus' else 'abandoned' end as ending,
      coalesce(consensusMs, closedMs, lastMs + 24 * 3600000) as endMs
    from counted
  ),
  matched as (
    select vote.roomId, count(*) as matchedVotes, count(*) filter (liked) as matchedLikes
    from within vote
    where eventType = 'vote_content' and exists (
      from within found where found.eventType = 'match_found' and found.roomId = vote.roomId and found.titleId = vote.titleId
    )
    group by all
  ),
  conduct as (
    select member.roomId, member.userId, any_value(joinedMs) as joinedMs, any_value(endMs) as endMs,
      count(*) filter (eventType = 'vote_content') > 0 as voted,
      max(atMs) filter (eventType = 'leave_room') as leftMs,
      max(atMs) filter (eventType = 'member_inactive' and level in ('inactive', 'excluded')) as silentMs,
      max(atMs) filter (eventType <> 'member_inactive') as activeMs
    from member join ended using (roomId) join within using (roomId, userId)
    group by all
  ),
  seated as (
    select roomId, count(*) as members, count(*) filter (voted) as membersWhoVoted,
      count(*) filter (coalesce(leftMs > joinedMs and leftMs < endMs, false) or coalesce(silentMs > activeMs and silentMs < endMs, false))
        as dropouts
    from conduct group by roomId
  )
  select roomId, createdMs, startMs, endMs, ending, agreedMs,
    coalesce(roomSize, 'unknown'), coalesce(mediaType, 'unknown'), coalesce(genre, ['unknown']), seats,
    coalesce(members, 0), coalesce(membersWhoVoted, 0), coalesce(dropouts, 0), voters, votes, matches,
    titlesVoted, greatest(coalesce(titleCount, 0), titlesSeen), coalesce(matchedVotes, 0), coalesce(matchedLikes, 0)
  from counted join ended using (roomId) left join creation using (roomId) left join seated using (roomId) left join matched using (roomId);
`;
