// A guest takes a whole core: two at once would only time out more.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
