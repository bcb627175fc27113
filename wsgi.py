from decisionlog import create_app

app = create_app()
