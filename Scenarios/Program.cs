using Weft.Scenarios.Commands;

return await CommandLine.Create().Parse(args).InvokeAsync();
