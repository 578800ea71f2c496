namespace FraudScoring.Inference.Batching;

/// <summary>Waiting requests, earliest deadline first: a binary heap in an array of the queue's capacity.</summary>
/// <remarks>
/// Not the framework's PriorityQueue: a request that expires or is cancelled must be removed from the middle, which takes logarithmic time
/// here because each ticket knows its index, and a search of the whole queue there.
/// </remarks>
internal sealed class DeadlineHeap(int capacity)
{
    private readonly BatchTicket[] _tickets = new BatchTicket[capacity];

    public int Count { get; private set; }

    public BatchTicket First => _tickets[0];

    public void Push(BatchTicket ticket)
    {
        Put(ticket, Count++);
        Rise(ticket);
    }

    public BatchTicket Pop()
    {
        var first = First;
        Remove(first);
        return first;
    }

    public void Remove(BatchTicket ticket)
    {
        var last = _tickets[--Count];
        _tickets[Count] = null!;
        if (last != ticket)
        {
            Put(last, ticket.HeapIndex);
            // The last ticket may belong above or below the gap; at most one of the two moves it.
            Rise(last);
            Sink(last);
        }
    }

    private void Rise(BatchTicket ticket)
    {
        while (ticket.HeapIndex > 0 && IsBefore(ticket, _tickets[(ticket.HeapIndex - 1) / 2]))
        {
            Swap(ticket, _tickets[(ticket.HeapIndex - 1) / 2]);
        }
    }

    private void Sink(BatchTicket ticket)
    {
        for (var child = FirstChild(ticket); child is not null && IsBefore(child, ticket); child = FirstChild(ticket))
        {
            Swap(ticket, child);
        }
    }

    private BatchTicket? FirstChild(BatchTicket ticket)
    {
        var left = (2 * ticket.HeapIndex) + 1;
        return left >= Count ? null
            : left + 1 < Count && IsBefore(_tickets[left + 1], _tickets[left]) ? _tickets[left + 1]
            : _tickets[left];
    }

    private void Swap(BatchTicket one, BatchTicket other)
    {
        var place = one.HeapIndex;
        Put(one, other.HeapIndex);
        Put(other, place);
    }

    private void Put(BatchTicket ticket, int place)
    {
        _tickets[place] = ticket;
        ticket.HeapIndex = place;
    }

    private static bool IsBefore(BatchTicket one, BatchTicket other) =>
        one.Deadline != other.Deadline ? one.Deadline < other.Deadline : one.Sequence < other.Sequence;
}
